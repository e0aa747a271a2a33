"use server";

import { changeEndpoint } from "@/lib/outgoing/change";
import { createEndpoint } from "@/lib/outgoing/create";
import { endEndpoint } from "@/lib/outgoing/end";
import {
  changeEndpointInput,
  createEndpointInput,
  enableEndpointInput,
  endpointInput,
  replayInput,
} from "@/lib/outgoing/input";
import { replayMessages } from "@/lib/outgoing/replay";
import { rotateSecret } from "@/lib/outgoing/rotate";
import { setEndpointEnabled } from "@/lib/outgoing/set-enabled";
import { tryEndpoint } from "@/lib/outgoing/try";
import { staffAction } from "@/lib/staff/action";

export const createAction = staffAction("webhook:manage", createEndpointInput, createEndpoint);
export const changeAction = staffAction("webhook:manage", changeEndpointInput, changeEndpoint);
export const rotateAction = staffAction("webhook:manage", endpointInput, rotateSecret);
export const enableAction = staffAction("webhook:manage", enableEndpointInput, setEndpointEnabled);
export const endAction = staffAction("webhook:manage", endpointInput, endEndpoint);
export const tryAction = staffAction("webhook:manage", endpointInput, tryEndpoint);
export const replayAction = staffAction("webhook:manage", replayInput, replayMessages);
