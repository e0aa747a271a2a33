"use server";

import { seeTheftsInput } from "@/lib/grants/input";
import { seeThefts } from "@/lib/grants/thefts";
import { staffAction } from "@/lib/staff/action";

export const seeTheftsAction = staffAction("theft:see", seeTheftsInput, seeThefts);
