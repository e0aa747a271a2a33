/** Under what the endpoints are kept that were read. */
export const endpointsKey = ["webhooks", "endpoints"] as const;

/** Under what the messages are kept that were read. */
export const messagesKey = ["webhooks", "messages"] as const;

/** How often an open page looks for what happened meanwhile. */
export const beatMs = 4_000;
