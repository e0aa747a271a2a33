import type { Plain } from "@/components/users/call-view";
import type {
  ChangeEndpointInput,
  EnableEndpointInput,
  EndpointInput,
  ReplayInput,
} from "@/lib/outgoing/input";
import type { MessagePage } from "@/lib/outgoing/list";
import type { EndpointView } from "@/lib/outgoing/model";
import type { OutgoingRefusal } from "./words";

/** An endpoint as it travels. */
export type Endpoint = Plain<EndpointView>;

/** A page of messages as it travels. */
export type Page = Plain<MessagePage>;

/** A message as it travels. */
export type Message = Page["messages"][number];

type Act<Input, Value extends object = object> = (
  input: Input,
) => Promise<({ ok: true } & Value) | OutgoingRefusal>;

/** What has messages sent anew. */
export type ReplayAct = Act<ReplayInput, { count: number }>;

/** What an owner does to endpoints. */
export interface EndpointActions {
  change: Act<ChangeEndpointInput>;
  rotate: Act<EndpointInput, { secret: string }>;
  enable: Act<EnableEndpointInput>;
  end: Act<EndpointInput>;
  try: Act<EndpointInput>;
  replay: ReplayAct;
}
