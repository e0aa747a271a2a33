import { getTranslator } from "@/components/i18n/server";
import { Method } from "./call-section";
import { callsOf, type OpenApi, toAnchor, toDoorPath } from "./model";
import { Prose } from "./prose";

/** What all doors have in common: who may call, and which there are. */
export async function Overview({ document }: { document: OpenApi }) {
  const t = await getTranslator();
  const { info, servers, components, tags } = document;
  return (
    <>
      <h1 className="font-bold text-2xl tracking-tight" lang="en">
        {info.summary}
      </h1>
      <p className="mt-2 max-w-prose text-ink-soft">
        <Prose text={`${info.description} Base URL: \`${servers[0].url}\`.`} />
      </p>
      <section className="mt-6 gap-4 md:columns-2" aria-label={t("reference.contents")}>
        {tags.map(({ name, description }) => (
          <article
            key={name}
            className="mb-4 min-w-0 break-inside-avoid rounded-xl border bg-surface px-4 py-3"
          >
            <h2 className="font-semibold">
              <a href={toDoorPath(name)} className="text-accent underline underline-offset-2">
                {name}
              </a>
            </h2>
            <p className="mt-0.5 text-ink-soft text-xs">
              <Prose text={description} />
            </p>
            <ul className="mt-2">
              {callsOf(document, name).map(({ method, operation: { operationId, summary } }) => (
                <li key={operationId}>
                  <a
                    href={`${toDoorPath(name)}#${operationId}`}
                    className="flex items-baseline gap-2 rounded-sm py-0.5 text-xs hover:bg-sunken"
                  >
                    <Method method={method} />
                    <span className="min-w-0" lang="en">
                      {summary}
                    </span>
                  </a>
                </li>
              ))}
            </ul>
          </article>
        ))}
      </section>
      <section className="mt-8" aria-labelledby="callers">
        <h2 id="callers" className="scroll-mt-16 font-bold text-lg tracking-tight">
          {t("reference.callers")}
        </h2>
        <ul className="mt-2 divide-y rounded-xl border bg-surface">
          {Object.entries(components.securitySchemes).map(([name, { description, flows }]) => (
            <li key={name} id={toAnchor(name)} className="scroll-mt-16 px-4 py-2.5 target:bg-accent-soft">
              <b className="font-mono font-semibold text-xs">{name}</b>
              <p className="mt-0.5 text-xs">
                <Prose text={description} />
              </p>
              {flows && (
                <ul className="mt-1.5 grid gap-x-6 gap-y-0.5 text-xs md:grid-cols-2">
                  {Object.entries(flows.clientCredentials.scopes).map(([scope, about]) => (
                    <li key={scope}>
                      <Prose text={`\`${scope}\` ${about}`} />
                    </li>
                  ))}
                </ul>
              )}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
