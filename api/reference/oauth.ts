import { z } from "zod";
import { oauthScopes } from "@/lib/staff/scopes";
import { type Door, operation } from "./operation";
import { sample } from "./sample";

const text = z.string().max(8192);

/** How a client proves itself, and no other way (RFC 7523, 2.2). */
export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** What a client finds out about us by itself (RFC 8414, 2). */
const metadata = {
  id: "readOauthMetadata",
  method: "get",
  path: "/oauth/.well-known/oauth-authorization-server",
  summary: "Find out what the token endpoint can do",
  description:
    "RFC 8414; the same at `/.well-known/oauth-authorization-server/oauth` and `/oauth/.well-known/openid-configuration`.",
  answers: {
    200: {
      description: "The metadata.",
      schema: z.object({
        issuer: z.url(),
        token_endpoint: z.url(),
        grant_types_supported: z.array(z.string()),
        response_types_supported: z.array(z.string()),
        token_endpoint_auth_methods_supported: z.array(z.string()),
        token_endpoint_auth_signing_alg_values_supported: z.array(z.string()),
        scopes_supported: z.array(z.string()),
      }),
    },
  },
  examples: {
    metadata: {
      summary: "Ask",
      status: 200,
      answer: {
        issuer: "http://localhost:3000/oauth",
        token_endpoint: "http://localhost:3000/oauth/token",
        grant_types_supported: ["client_credentials"],
        response_types_supported: [],
        token_endpoint_auth_methods_supported: ["private_key_jwt"],
        token_endpoint_auth_signing_alg_values_supported: ["RS256", "ES256"],
        scopes_supported: [...oauthScopes],
      },
    },
  },
} as const;

const failure = z
  .object({ error: z.string().describe("RFC 6749, 5.2."), error_description: z.string() })
  .meta({ id: "OauthError" });
const retry = { "Retry-After": "The seconds to wait." };

/** The token endpoint (rest, 1 "Who calls"). */
export const oauthDoor = {
  name: "OAuth",
  path: "",
  about:
    "Access tokens for programs (RFC 6749, 4.4) that sign an assertion (RFC 7523), good for the doors below.",
  security: [],
  takes: ["application/x-www-form-urlencoded"],
  gives: "application/json",
  refusals: {
    400: {
      description:
        "`invalid_request`, `unsupported_grant_type`, or `invalid_scope`: none of the scopes remains.",
      schema: failure,
    },
    401: {
      description:
        "`invalid_client`: the assertion proves nothing, for whatever reason, or was used before. The log says why.",
      schema: failure,
    },
    413: { description: "The body is too large.", schema: failure },
    429: {
      description:
        "`temporarily_unavailable`: more than the client may ask for in a second, or 100 from one network.",
      schema: failure,
      headers: retry,
    },
    500: { description: "`server_error`.", schema: failure },
    503: {
      description: "`server_error`: the database is away.",
      schema: failure,
      headers: retry,
    },
  },
  always: [500, 503],
  withBody: [413],
  operations: {
    token: operation({
      id: "getAccessToken",
      method: "post",
      path: "/oauth/token",
      summary: "Get an access token",
      description:
        "`scope` lists what is wanted with blanks between; without it the token has all that the client is allowed. Scopes that we don’t know, or that the client isn’t allowed, are left out. Whatever else stands in the form is let be.",
      body: z.object({
        grant_type: text.describe("`client_credentials`."),
        client_id: text.optional().describe("The client id; may stay away."),
        scope: text.optional(),
        client_assertion_type: text.optional().describe(`\`${assertionType}\`.`),
        client_assertion: text.optional().describe("A JWT that the client signed: once, for us alone."),
      }),
      answers: {
        200: {
          description: "The token.",
          schema: z.object({
            access_token: z.string(),
            token_type: z.literal("Bearer"),
            expires_in: z.int(),
            scope: z.string().describe("What remains of what was wanted."),
          }),
        },
      },
      refusals: [400, 401, 429],
      examples: {
        token: {
          summary: "A token that looks users up",
          body: {
            grant_type: "client_credentials",
            scope: "rsa.user.read",
            client_assertion_type: assertionType,
            client_assertion: sample.assertion,
          },
          status: 200,
          answer: {
            access_token: sample.accessToken,
            token_type: "Bearer",
            expires_in: 3600,
            scope: "rsa.user.read",
          },
        },
        password: {
          summary: "Another grant",
          body: { grant_type: "password" },
          status: 400,
          answer: {
            error: "unsupported_grant_type",
            error_description: "Only client_credentials is granted here",
          },
        },
      },
    }),
    metadata: operation(metadata),
  },
} satisfies Door;
