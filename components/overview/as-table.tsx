import type { ReactNode } from "react";
import { getTranslator } from "@/components/i18n/server";
import { Cell, Head, Heads, Row, Table } from "@/components/ui/table";

/** The numbers behind a picture, for who reads rather than looks: folded away. `lines`: the name first, then as many cells as `heads` has besides. */
export async function AsTable({
  label,
  heads,
  lines,
}: {
  label: string;
  heads: readonly string[];
  lines: readonly (readonly [name: string, ...cells: ReactNode[]])[];
}) {
  const t = await getTranslator();
  return (
    <details className="mt-3 text-xs">
      <summary className="w-fit rounded text-accent hover:underline">{t("overview.asTable")}</summary>
      <div className="mt-2 max-h-80 overflow-y-auto rounded-lg border">
        <Table label={label}>
          <Heads>
            {heads.map((head, at) => (
              <Head key={head} className={at === 0 ? "" : "text-right"}>
                {head}
              </Head>
            ))}
          </Heads>
          <tbody>
            {lines.map(([name, ...cells]) => (
              <Row key={name}>
                <Cell>{name}</Cell>
                {cells.map((cell, at) => (
                  <Cell key={heads[at + 1]} className="text-right tabular-nums">
                    {cell}
                  </Cell>
                ))}
              </Row>
            ))}
          </tbody>
        </Table>
      </div>
    </details>
  );
}
