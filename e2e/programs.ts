import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { SignJWT } from "jose";
import { remember } from "./desk";
import { product } from "./product";

interface KeyFile {
  accessID: string;
  accessKey: string;
  adminRestApiUrl: string;
}

async function call<T>(method: string, at: string, body?: object): Promise<T> {
  const file = path.join(product.folder, "clients/admin-api.key.json");
  const key = JSON.parse(readFileSync(file, "utf8")) as KeyFile;
  const token = await new SignJWT({ sub: key.accessID, aud: key.adminRestApiUrl })
    .setProtectedHeader({ alg: "RS256" })
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(createPrivateKey(key.accessKey));
  const answer = await fetch(`${product.baseUrl}${at}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${at} answered ${answer.status}: ${await answer.text()}`);
  const text = await answer.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

const callAdmin = <T>(method: string, at: string, body?: object) =>
  call<T>(method, `/AdminInterface/restapi${at}`, body);

/** Makes a token by which a machine of this name can be enrolled for the users of those logins. */
export async function offerMachine(machine: string, users: readonly string[]): Promise<string> {
  const { token } = await call<{ token: string }>("POST", "/agent/v1/enrolment-tokens", { machine, users });
  remember(token);
  return token;
}

interface Issued {
  emergencyTokencodeId: string;
  emergencyTokencode: string;
}

async function issue(login: string): Promise<Issued & { userId: string }> {
  const { id } = await callAdmin<{ id: string }>("POST", "/v1/users/lookup", { username: login });
  const issued = await callAdmin<Issued>("PUT", `/v2/users/${id}/emergencyTokencode`, {});
  remember(issued.emergencyTokencode.replaceAll("-", ""));
  return { userId: id, ...issued };
}

/** Issues an access code for the user of that login, as a script of the company would, in place of any that lives. */
export async function issueAccessCode(login: string): Promise<string> {
  return (await issue(login)).emergencyTokencode;
}

/** Issues an access code and revokes it at once. */
export async function issueRevokedCode(login: string): Promise<string> {
  const { userId, emergencyTokencodeId, emergencyTokencode } = await issue(login);
  await callAdmin("DELETE", `/v1/users/${userId}/emergencyTokencode/${emergencyTokencodeId}`);
  return emergencyTokencode;
}
