import type { ReactNode } from "react";
import { getTranslator } from "@/components/i18n/server";
import { toExamples } from "./curl";
import { Example } from "./example";
import { Field, Fields, type FieldWords } from "./fields";
import { type Call, type OpenApi, toAnchor } from "./model";
import { Prose } from "./prose";

const tones: Readonly<Record<string, string>> = {
  get: "bg-ok-soft text-ok",
  post: "bg-accent-soft text-accent",
  put: "bg-warn-soft text-warn",
  patch: "bg-warn-soft text-warn",
  delete: "bg-danger-soft text-danger",
};

/** The verb of a call, as a mark. */
export function Method({ method }: { method: string }) {
  return (
    <span
      className={`inline-block w-14 shrink-0 rounded-sm py-px text-center font-mono font-semibold text-2xs uppercase ${tones[method] ?? ""}`}
    >
      {method}
    </span>
  );
}

function Part({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section className="mt-4 first:mt-0">
      <h3 className="font-medium text-ink-soft text-xs">{title}</h3>
      {children}
    </section>
  );
}

/** A call: who may, what it takes, what it answers, and examples. */
export async function CallSection({
  document,
  call,
  words,
}: {
  document: OpenApi;
  call: Call;
  words: FieldWords;
}) {
  const t = await getTranslator();
  const { method, path, operation } = call;
  const {
    operationId,
    summary,
    description,
    parameters = [],
    requestBody,
    responses,
    security,
    tags,
  } = operation;
  const body = Object.entries(requestBody?.content ?? {});
  const answers = Object.entries(responses);
  const refused = answers.filter(([status]) => Number(status) >= 400);
  const examples = toExamples(document, call);
  return (
    <article
      id={operationId}
      aria-labelledby={`${operationId}-title`}
      className="mt-4 min-w-0 scroll-mt-16 rounded-xl border bg-surface"
    >
      <header className="border-b px-4 py-3">
        <h2 id={`${operationId}-title`} className="font-semibold" lang="en">
          {summary}
        </h2>
        <p className="mt-1 flex items-baseline gap-2">
          <Method method={method} />
          <code className="min-w-0 break-all font-mono text-xs">{path}</code>
        </p>
      </header>
      <div className="grid min-w-0 xl:grid-cols-2">
        <div className="min-w-0 px-4 py-3">
          {description && (
            <p className="mb-4 max-w-prose">
              <Prose text={description} />
            </p>
          )}
          <Part title={t("reference.callers")}>
            <p className="py-1.5 text-xs">
              {security.length === 0 && t("reference.anybody")}
              {security.map((way, place) => {
                const [[scheme, scopes] = ["", []]] = Object.entries(way);
                return (
                  <span key={`${scheme} ${scopes.join(" ")}`}>
                    {place > 0 && " · "}
                    <a
                      href={`/docs/api#${toAnchor(scheme)}`}
                      className="text-accent underline underline-offset-2"
                    >
                      {scheme}
                    </a>
                    {scopes.length > 0 && (
                      <>
                        {" "}
                        <Prose text={scopes.map((scope) => `\`${scope}\``).join(" ")} />
                      </>
                    )}
                  </span>
                );
              })}
            </p>
          </Part>
          {(["path", "query"] as const).map((where) => {
            const those = parameters.filter((each) => each.in === where);
            return (
              those.length > 0 && (
                <Part key={where} title={t(`reference.${where}`)}>
                  <ul className="divide-y divide-line/60">
                    {those.map(({ name, schema, required, description: about }) => (
                      <Field
                        key={name}
                        name={name}
                        schema={schema}
                        isRequired={required}
                        description={about}
                        words={words}
                      />
                    ))}
                  </ul>
                </Part>
              )
            );
          })}
          {body[0] && (
            <Part
              title={
                <>
                  {t("reference.body")}{" "}
                  <code className="font-mono">{body.map(([type]) => type).join(", ")}</code>
                  {requestBody?.required === false && ` ${t("reference.optional")}`}
                </>
              }
            >
              <Fields schema={body[0][1].schema} words={words} />
            </Part>
          )}
          {answers
            .filter(([status]) => Number(status) < 400)
            .map(([status, { description: about, content = {}, headers = {} }]) => {
              const [media] = Object.values(content);
              return (
                <Part
                  key={status}
                  title={
                    <>
                      {t("reference.answer")} <b className="font-semibold text-ok">{status}</b>
                    </>
                  }
                >
                  <p className="py-1.5 text-xs">
                    <Prose text={about} />
                    {Object.entries(headers).map(([name, header]) => (
                      <span key={name} className="block text-ink-soft">
                        <Prose text={`\`${name}\`: ${header.description}`} />
                      </span>
                    ))}
                  </p>
                  {media && <Fields schema={media.schema} words={words} />}
                </Part>
              );
            })}
          {refused.length > 0 && (
            <Part title={t("reference.refusals")}>
              <p className="flex flex-wrap gap-x-3 py-1.5 text-xs">
                {refused.map(([status]) => (
                  <a
                    key={status}
                    href={`#${toAnchor(`${tags[0]} ${status}`)}`}
                    className="text-danger underline underline-offset-2"
                  >
                    {status}
                  </a>
                ))}
              </p>
            </Part>
          )}
        </div>
        {examples.length > 0 && (
          <div className="flex min-w-0 flex-col gap-3 rounded-b-xl border-t bg-sunken/50 p-3 xl:rounded-r-xl xl:rounded-bl-none xl:border-t-0 xl:border-l">
            <h3 className="sr-only">{t("reference.examples")}</h3>
            {examples.map((example) => (
              <Example key={example.name} example={example} empty={t("reference.empty")} />
            ))}
          </div>
        )}
      </div>
    </article>
  );
}
