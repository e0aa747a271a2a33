import Ajv, { type ValidateFunction } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { toOpenapi } from "@/api/reference/document";
import type { OpenApi, OperationObject } from "@/components/reference/model";
import { oauthScopes } from "@/lib/staff/scopes";
import { makeClientKey } from "./authn-api";
import type { DoorAnswer, Doors } from "./doors";
import { makeLegacyToken } from "./legacy-key";
import { getToken, makeOauthClient, signAssertion, type TestOauthClient } from "./oauth";
import { makeScimToken } from "./scim";

/** The reference as it is served where `BASE_URL` is that of tests. */
export const testReference = toOpenapi("http://localhost:3000") as unknown as OpenApi;

/** A call of the reference. */
export interface ReferenceCall {
  method: string;
  path: string;
  operation: OperationObject;
}

/** Every call of the reference, in its order. */
export const referenceCalls: readonly ReferenceCall[] = Object.entries(testReference.paths).flatMap(
  ([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
);

/** What each scheme of the reference is shown as, in headers. */
export interface Credentials {
  oauth: TestOauthClient;
  scimToken: string;
  headers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  assertion(): Promise<string>;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Makes a caller for every scheme but a machine's, who may call as often as they like. */
export async function makeCredentials(doors: Doors): Promise<Credentials> {
  const callsPerSecond = 100_000;
  const { key } = await makeClientKey(callsPerSecond);
  const oauth = await makeOauthClient(oauthScopes, { callsPerSecond });
  const { token: scimToken } = await makeScimToken(callsPerSecond);
  return {
    oauth,
    scimToken,
    headers: {
      oauth: bearer(await getToken(doors, oauth)),
      legacyKey: bearer(await makeLegacyToken("integration", callsPerSecond)),
      clientKey: { "client-key": key },
      scimToken: bearer(scimToken),
    },
    assertion: () => signAssertion(oauth),
  };
}

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(testReference as object, "reference");
const validators = new Map<string, ValidateFunction>();

function validatorOf(pointer: string): ValidateFunction {
  const known = validators.get(pointer) ?? ajv.compile({ $ref: `reference#${pointer}` });
  validators.set(pointer, known);
  return known;
}

const toPointer = (name: string) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));

/** What in an answer is other than the reference says; undefined: nothing. */
export function findUndocumented(
  { method, path, operation }: ReferenceCall,
  answer: DoorAnswer,
): string | undefined {
  const { status, headers, text } = answer;
  const response = operation.responses[status];
  if (response === undefined) return `${status} isn't documented: ${text}`;
  const documented = Object.keys(response.content ?? {});
  if (documented.length === 0) return text === "" ? undefined : `${status} has a body: ${text}`;
  const type = headers.get("content-type")?.split(";", 1)[0] ?? "none";
  if (!documented.includes(type)) return `${status} is of type ${type}`;
  if (!type.endsWith("json")) return undefined;
  const parts = ["paths", path, method, "responses", String(status), "content", type, "schema"];
  const validate = validatorOf(`/${parts.map(toPointer).join("/")}`);
  return validate(JSON.parse(text)) ? undefined : `${status}: ${ajv.errorsText(validate.errors)}: ${text}`;
}
