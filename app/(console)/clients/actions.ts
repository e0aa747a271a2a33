"use server";

import { createClient } from "@/lib/clients/create";
import { endClient } from "@/lib/clients/end";
import { createClientInput, endClientInput } from "@/lib/clients/input";
import { staffAction } from "@/lib/staff/action";

export const createAction = staffAction("client:manage", createClientInput, createClient);
export const endAction = staffAction("client:manage", endClientInput, endClient);
