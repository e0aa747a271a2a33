import type { Call, OpenApi, ParameterObject } from "./model";

/** A request as it is typed, and what it is answered. */
export interface ShownExample {
  name: string;
  summary: string;
  curl: string;
  status: string;
  /** undefined: the body is empty. */
  answer: unknown;
}

const quote = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** What a caller shows: the first way that the reference names. */
const shows: Readonly<Record<string, string>> = {
  legacyKey: '-H "Authorization: Bearer $TOKEN"',
  oauth: '-H "Authorization: Bearer $TOKEN"',
  scimToken: '-H "Authorization: Bearer $TOKEN"',
  machine: '-H "Authorization: Bearer $TOKEN"',
  clientKey: '-H "client-key: $KEY"',
};

function toUrl(base: string, path: string, parameters: readonly ParameterObject[], name: string): string {
  const query = new URLSearchParams();
  let filled = path;
  for (const parameter of parameters) {
    const value = parameter.examples?.[name]?.value;
    if (parameter.in === "path")
      filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(String(value)));
    else if (value !== undefined) query.append(parameter.name, String(value));
  }
  return `${base}${filled}${query.size === 0 ? "" : `?${query}`}`;
}

function toBody(mediaType: string, value: unknown): string[] {
  if (mediaType === "application/x-www-form-urlencoded")
    return Object.entries(value as Record<string, string>).map(
      ([field, text]) => `--data-urlencode ${quote(`${field}=${text}`)}`,
    );
  const json = quote(JSON.stringify(value));
  return mediaType === "application/json"
    ? [`--json ${json}`]
    : [`-H ${quote(`Content-Type: ${mediaType}`)} -d ${json}`];
}

/** The examples of a call, each as a line for a shell. */
export function toExamples(document: OpenApi, { method, path, operation }: Call): ShownExample[] {
  const { parameters = [], requestBody, responses, security } = operation;
  const [mediaType, body] = Object.entries(requestBody?.content ?? {})[0] ?? ["", undefined];
  const answers = Object.entries(responses).flatMap(([status, { content = {} }]) =>
    Object.values(content).flatMap(({ examples = {} }) =>
      Object.entries(examples).map(([name, example]) => ({ name, status, example })),
    ),
  );
  const asked = [body?.examples ?? {}, ...parameters.map(({ examples = {} }) => examples)];
  const names = new Set([...answers.map(({ name }) => name), ...asked.flatMap((each) => Object.keys(each))]);
  const [scheme] = Object.keys(security[0] ?? {});
  return [...names].map((name) => {
    const answer = answers.find((each) => each.name === name);
    const summary = answer?.example.summary ?? asked.find((each) => name in each)?.[name]?.summary ?? name;
    const value = body?.examples?.[name]?.value;
    const verb = method.toUpperCase();
    const isPlain = verb === "GET" || (verb === "POST" && value !== undefined);
    const parts = [
      `curl${isPlain ? "" : ` -X ${verb}`} ${quote(toUrl(document.servers[0].url, path, parameters, name))}`,
      ...(scheme === undefined ? [] : [shows[scheme] ?? ""]),
      ...(value === undefined ? [] : toBody(mediaType, value)),
    ];
    const success = Object.keys(responses).find((status) => status.startsWith("2")) ?? "200";
    return {
      name,
      summary,
      curl: parts.join(" \\\n  "),
      status: answer?.status ?? success,
      answer: answer?.example.value,
    };
  });
}
