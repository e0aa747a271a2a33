import { getTranslator } from "@/components/i18n/server";
import { CallSection } from "./call-section";
import { Fields, type FieldWords } from "./fields";
import {
  callsOf,
  type OpenApi,
  objectsOf,
  type ResponseObject,
  refName,
  refusalsOf,
  toAnchor,
} from "./model";
import { Prose } from "./prose";

function Refusals({
  tag,
  refusals,
  title,
}: {
  tag: string;
  refusals: [string, ResponseObject][];
  title: string;
}) {
  return (
    <section className="mt-4 rounded-xl border bg-surface px-4 py-3">
      <h2 className="font-semibold">{title}</h2>
      <ul className="mt-1 divide-y divide-line/60">
        {refusals.map(([status, { description, content = {} }]) => {
          const name = Object.values(content).flatMap(({ schema }) => refName(schema) ?? [])[0];
          return (
            <li
              key={status}
              id={toAnchor(`${tag} ${status}`)}
              className="flex scroll-mt-16 items-baseline gap-3 py-1.5 text-xs target:bg-accent-soft"
            >
              <b className="w-7 shrink-0 font-semibold text-danger tabular-nums">{status}</b>
              <span className="min-w-0 flex-1">
                <Prose text={description} />
              </span>
              {name && (
                <a href={`#${toAnchor(name)}`} className="text-accent underline underline-offset-2">
                  {name}
                </a>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** A door: how it says no, its calls, and the objects that they speak of. */
export async function Door({ document, tag }: { document: OpenApi; tag: OpenApi["tags"][number] }) {
  const t = await getTranslator();
  const words: FieldWords = {
    required: t("reference.required"),
    orNull: t("reference.orNull"),
    listOf: t("reference.listOf"),
  };
  const calls = callsOf(document, tag.name);
  const [refusals, objects] = [refusalsOf(calls), objectsOf(document, calls)];
  return (
    <>
      <h1 className="font-bold text-2xl tracking-tight">{tag.name}</h1>
      <p className="mt-2 max-w-prose text-ink-soft">
        <Prose text={tag.description} />
      </p>
      {refusals.length > 0 && <Refusals tag={tag.name} refusals={refusals} title={t("reference.refusals")} />}
      {calls.map((call) => (
        <CallSection key={call.operation.operationId} document={document} call={call} words={words} />
      ))}
      {objects.length > 0 && (
        <section className="mt-10" aria-labelledby="objects">
          <h2 id="objects" className="scroll-mt-16 font-bold text-lg tracking-tight">
            {t("reference.objects")}
          </h2>
          {objects.map(([name, schema]) => (
            <section
              key={name}
              id={toAnchor(name)}
              className="mt-4 scroll-mt-16 rounded-xl border bg-surface px-4 py-3 target:border-accent"
            >
              <h3 className="font-semibold">{name}</h3>
              {schema.description && <p className="mt-0.5 text-ink-soft text-xs">{schema.description}</p>}
              <Fields schema={schema} words={words} />
            </section>
          ))}
        </section>
      )}
    </>
  );
}
