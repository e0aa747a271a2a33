import { getReader, getTranslator } from "@/components/i18n/server";
import { Cell, Head, Heads, Row, Table } from "@/components/ui/table";
import type { ListedClient } from "@/lib/clients/model";
import { EndClient, type EndClientAction } from "./end-client";
import { RotateClient, type RotateClientAction } from "./rotate-client";

/** What the reader may do to the clients of a list. */
export interface ClientActs {
  baseUrl: string;
  end: EndClientAction;
  rotate: RotateClientAction;
}

/** Clients that live, or clients that ended. `acts`: null where the reader may do nothing to them, or they have ended. */
export async function ClientTable({
  label,
  clients,
  acts,
}: {
  label: string;
  clients: readonly ListedClient[];
  acts: ClientActs | null;
}) {
  const [t, { formats, now }] = await Promise.all([getTranslator(), getReader()]);
  const hasEnded = clients.some(({ endedAt }) => endedAt !== null);
  const moment = (at: Date) => (
    <time dateTime={at.toISOString()} title={formats.exact(at)} className="whitespace-nowrap tabular-nums">
      {formats.moment(at, now)}
    </time>
  );
  const creatorOf = ({ createdBy, creatorName }: ListedClient) => {
    if (creatorName !== null) return creatorName;
    return createdBy === "system" || createdBy === "operator" ? t(`audit.actorKind.${createdBy}`) : null;
  };
  const scopesOf = ({ scopes }: ListedClient) =>
    scopes.length > 0 && (
      <details>
        <summary className="cursor-pointer">{t("clients.scopes", { count: scopes.length })}</summary>
        <ul className="mt-1 break-all font-mono text-ink-soft text-xs">
          {scopes.map((scope) => (
            <li key={scope}>{scope}</li>
          ))}
        </ul>
      </details>
    );
  return (
    <Table label={label}>
      <Heads>
        <Head>{t("clients.name")}</Head>
        <Head className="hidden lg:table-cell">{t("clients.kind")}</Head>
        <Head className="hidden lg:table-cell">{t("clients.role")}</Head>
        <Head className="hidden text-right xl:table-cell">{t("clients.callsPerSecond")}</Head>
        <Head className="hidden sm:table-cell">{t("clients.lastUsed")}</Head>
        <Head className="hidden md:table-cell">{t("clients.created")}</Head>
        {hasEnded && <Head>{t("clients.ended")}</Head>}
        {acts !== null && (
          <Head>
            <span className="sr-only">{t("clients.acts")}</span>
          </Head>
        )}
      </Heads>
      <tbody>
        {clients.map((client) => {
          const creator = creatorOf(client);
          return (
            <Row key={client.id}>
              <Cell className="min-w-36">
                <span className="block max-w-80 break-words font-medium">{client.name}</span>
                {client.accessId !== null && (
                  <span className="block font-mono text-2xs text-ink-soft">{client.accessId}</span>
                )}
                <span className="block text-ink-soft text-xs lg:hidden">
                  {t(`clients.kindOf.${client.kind}`)}
                  {client.role !== null && ` · ${t(`clients.roleOf.${client.role}`)}`}
                </span>
                <div className="text-ink-soft text-xs lg:hidden">{scopesOf(client)}</div>
              </Cell>
              <Cell className="hidden whitespace-nowrap lg:table-cell">
                {t(`clients.kindOf.${client.kind}`)}
              </Cell>
              <Cell className="hidden whitespace-nowrap lg:table-cell">
                {client.role !== null && t(`clients.roleOf.${client.role}`)}
                {scopesOf(client)}
                {client.role === null && client.scopes.length === 0 && (
                  <span className="text-ink-soft">–</span>
                )}
              </Cell>
              <Cell className="hidden text-right tabular-nums xl:table-cell">
                {formats.number(client.callsPerSecond)}
              </Cell>
              <Cell className="hidden sm:table-cell">
                {client.lastUsedAt === null ? (
                  <span className="text-ink-soft">{t("clients.never")}</span>
                ) : (
                  moment(client.lastUsedAt)
                )}
              </Cell>
              <Cell className="hidden md:table-cell">
                {moment(client.createdAt)}
                {creator !== null && <span className="block text-ink-soft text-xs">{creator}</span>}
              </Cell>
              {client.endedAt !== null && <Cell>{moment(client.endedAt)}</Cell>}
              {acts !== null && (
                <Cell>
                  <div className="flex flex-col justify-end gap-2 sm:flex-row">
                    {client.kind !== "entra" && (
                      <RotateClient
                        client={{ id: client.id, name: client.name, kind: client.kind }}
                        baseUrl={acts.baseUrl}
                        rotate={acts.rotate}
                      />
                    )}
                    <EndClient client={{ id: client.id, name: client.name }} end={acts.end} />
                  </div>
                </Cell>
              )}
            </Row>
          );
        })}
      </tbody>
    </Table>
  );
}
