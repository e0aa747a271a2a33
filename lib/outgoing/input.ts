import { z } from "zod";
import { isStorable } from "@/lib/platform/storable";
import { eventTypes, messageStates, messageTypes } from "./model";

/** An address that a message could go to; without credentials or a fragment, as it is sent. */
const url = z
  .string()
  .trim()
  .max(1000)
  .refine((text) => {
    if (!/^[\x21-\x7e]+$/.test(text) || !URL.canParse(text)) return false;
    const { protocol, username, password, hostname } = new URL(text);
    const isPlain = username === "" && password === "" && !text.includes("#") && hostname !== "";
    return isPlain && (protocol === "https:" || protocol === "http:");
  });

const description = z.string().trim().min(1).max(80).refine(isStorable);
const types = z
  .array(z.enum(eventTypes))
  .min(1)
  .transform((chosen) => eventTypes.filter((type) => chosen.includes(type)));

/** What `createEndpoint` takes. */
export const createEndpointInput = z.object({ url, description, eventTypes: types });
export type CreateEndpointInput = z.output<typeof createEndpointInput>;

/** What `changeEndpoint` takes: all of it, as it shall be. */
export const changeEndpointInput = createEndpointInput.extend({ endpointId: z.uuid() });
export type ChangeEndpointInput = z.output<typeof changeEndpointInput>;

/** What names an endpoint. */
export const endpointInput = z.object({ endpointId: z.uuid() });
export type EndpointInput = z.output<typeof endpointInput>;

/** What `setEndpointEnabled` takes. */
export const enableEndpointInput = endpointInput.extend({ isEnabled: z.boolean() });
export type EnableEndpointInput = z.output<typeof enableEndpointInput>;

/** What `replayMessages` takes: one message, or all dead ones of an endpoint that were made from then on. */
export const replayInput = z.union([
  z.object({ messageId: z.uuid() }),
  z.object({ endpointId: z.uuid(), since: z.coerce.date().min(new Date(0)).max(new Date("2999-12-31")) }),
]);
export type ReplayInput = z.output<typeof replayInput>;

/** What names a message. */
export const messageInput = z.object({ messageId: z.uuid() });
export type MessageInput = z.output<typeof messageInput>;

const blank = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

/** Which messages to list; an empty text counts as away. */
export const listMessagesInput = z.object({
  endpoint: blank(z.uuid()),
  type: blank(z.enum(messageTypes)),
  state: blank(z.enum(messageStates)),
  cursor: blank(z.string().max(200)),
});
export type ListMessagesInput = z.output<typeof listMessagesInput>;
