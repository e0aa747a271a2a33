import { getTranslator } from "@/components/i18n/server";
import { EmptyState } from "@/components/ui/state";

/** Says that the page isn't for the reader's role. */
export default async function Forbidden() {
  const t = await getTranslator();
  return (
    <EmptyState title={<h1>{t("ui.forbidden.title")}</h1>}>
      <p>{t("ui.forbidden.hint")}</p>
    </EmptyState>
  );
}
