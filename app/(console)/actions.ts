"use server";

import { z } from "zod";
import { resumeIssuing } from "@/lib/grants/resume-issuing";
import { staffAction } from "@/lib/staff/action";

export const resumeIssuingAction = staffAction("server:manage", z.strictObject({}), resumeIssuing);
