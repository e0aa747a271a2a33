import { getTranslator } from "@/components/i18n/server";
import { isDemo } from "@/lib/platform/config";

/** Says on a page that this is the demo; nothing where it isn't. What the user's page says of it stands in its own frame. */
export async function DemoBanner() {
  if (!isDemo()) return null;
  const t = await getTranslator();
  return (
    <aside
      aria-label={t("ui.demo.label")}
      className="border-b bg-warn-soft px-3 py-1 text-center text-warn text-xs sm:px-6"
    >
      <strong className="font-semibold">{t("ui.demo.label")}</strong> · {t("ui.demo.text")}
    </aside>
  );
}
