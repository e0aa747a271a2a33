import type { Metadata } from "next";
import { getTranslator } from "@/components/i18n/server";
import { Frame } from "@/components/reference/frame";
import { Overview } from "@/components/reference/overview";
import { getDocument } from "./document";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslator();
  return { title: t("reference.title") };
}

/** The reference of the doors for programs, to everybody: it says what the product can do, and nothing of who uses it. */
export default function ReferencePage() {
  const document = getDocument();
  return (
    <Frame document={document}>
      <Overview document={document} />
    </Frame>
  );
}
