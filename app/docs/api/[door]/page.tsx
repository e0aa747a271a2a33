import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Door } from "@/components/reference/door";
import { Frame } from "@/components/reference/frame";
import { toAnchor } from "@/components/reference/model";
import { getDocument } from "../document";

interface Props {
  params: Promise<{ door: string }>;
}

async function findDoor({ params }: Props) {
  const { door } = await params;
  const document = getDocument();
  return { document, tag: document.tags.find(({ name }) => toAnchor(name) === door) };
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { tag } = await findDoor(props);
  return tag === undefined ? {} : { title: tag.name };
}

/** A door's part of the reference, to everybody. */
export default async function DoorPage(props: Props) {
  const { document, tag } = await findDoor(props);
  if (tag === undefined) notFound();
  return (
    <Frame document={document} current={tag.name}>
      <Door document={document} tag={tag} />
    </Frame>
  );
}
