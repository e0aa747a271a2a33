"use server";

import { createClient } from "@/lib/clients/create";
import { endClient } from "@/lib/clients/end";
import { createClientInput, endClientInput, rotateClientInput } from "@/lib/clients/input";
import { rotateClient } from "@/lib/clients/rotate";
import { staffAction } from "@/lib/staff/action";

export const createAction = staffAction("client:manage", createClientInput, createClient);
export const endAction = staffAction("client:manage", endClientInput, endClient);
export const rotateAction = staffAction("client:manage", rotateClientInput, rotateClient);
