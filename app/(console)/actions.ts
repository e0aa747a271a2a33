"use server";

import { z } from "zod";
import { resumeIssuing } from "@/lib/machines/resume-issuing";
import { staffAction } from "@/lib/staff/action";

export const resumeIssuingAction = staffAction("server:manage", z.strictObject({}), resumeIssuing);
