import { randomUUID } from "node:crypto";

/** An answer that refuses a request, in the form of RFC 7807 that the provider uses. */
export type Problem = {
  status: number;
  body: {
    type: string;
    title: string;
    detail: string;
    instance: string;
    invalid_parameters?: { name: string; reason: string }[];
  };
  retryAfterSeconds?: number;
};

const errors = "https://developer.vonage.com/api-errors";

function problem(status: number, anchor: string, title: string, detail: string): Problem {
  return { status, body: { type: `${errors}${anchor}`, title, detail, instance: randomUUID() } };
}

/** 401: no credentials, or wrong ones. What is wrong with them isn't told, as the provider doesn't either. */
export const unauthorized = () =>
  problem(401, "#unauthorized", "Unauthorized", "You did not provide correct credentials.");

/** 401: a token whose `exp` has passed. */
export const tokenExpired = () =>
  problem(401, "#jwt-expired", "Unauthorized", "The JWT provided has expired");

/** 404: an address that the provider has, but this one doesn't play. */
export const notFound = () =>
  problem(
    404,
    "#not-found",
    "Not Found",
    "The requested resource does not exist, or you do not have access to it",
  );

/** 415: a body that isn't JSON. */
export const notJson = () =>
  problem(415, "#invalid-params", "Unsupported Media Type", "Send a body of type application/json.");

/** 413: a body of a size that no text or call has. */
export const tooLarge = () =>
  problem(413, "#invalid-params", "Payload Too Large", "The request body is too large.");

/** 400: a body that can't be read. */
export const unreadable = () =>
  problem(400, "#invalid-json", "Invalid JSON", "The request body did not contain valid JSON");

/** 422 of Messages, 400 of Voice: fields that are missing, unknown or not allowed. */
export function invalidParameters(
  api: "messages" | "voice",
  invalid: { name: string; reason: string }[],
): Problem {
  const answer =
    api === "messages"
      ? problem(422, "/messages#1150", "Invalid params", "The value of one or more parameters is invalid.")
      : problem(400, "#invalid-params", "Bad Request", "The value of one or more parameters is invalid.");
  answer.body.invalid_parameters = invalid;
  return answer;
}

/** 429: come back after a while. */
export const throttled = (): Problem => ({
  ...problem(429, "#throttled", "Rate Limit Hit", "Please wait, then retry your request"),
  retryAfterSeconds: 1,
});

/** 500: broken on their side. */
export const internalError = () =>
  problem(500, "#internal-error", "Internal Error", "There was an error processing your request.");

/** 503: away. */
export const unavailable = () =>
  problem(503, "#unavailable", "Service Unavailable", "The service is temporarily unavailable.");
