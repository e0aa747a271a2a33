"use server";

import { changePolicy } from "@/lib/policy/change";
import { changePolicyInput } from "@/lib/policy/input";
import { staffAction } from "@/lib/staff/action";

export const changePolicyAction = staffAction("policy:change", changePolicyInput, changePolicy);
