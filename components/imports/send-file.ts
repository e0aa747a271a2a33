import { chunkBytesMax } from "@/lib/imports/model";
import type { DoorReason } from "@/lib/staff/outcome";

const triesMax = 4;
const retryMs = 1_500;

/** What became of a file that was sent. */
export type SendResult =
  | { ok: true }
  | { ok: false; reason: DoorReason | "not_found" | "misfit" | "no_answer"; requestId: string };

async function sendPiece(jobId: string, number: number, piece: Blob): Promise<SendResult> {
  const response = await fetch(`/api/directory/imports/${jobId}/pieces/${number}`, {
    method: "PUT",
    body: piece,
    headers: { "content-type": "application/octet-stream" },
  });
  if (response.ok) return { ok: true };
  const body = (await response.json().catch(() => ({}))) as { reason?: DoorReason; requestId?: string };
  return { ok: false, reason: body.reason ?? "fault", requestId: body.requestId ?? "" };
}

/** Sends a file in pieces, one after the other. A piece that gets lost is sent again, a few times. */
export async function sendFile(
  jobId: string,
  file: Blob,
  onSent: (share: number) => void,
): Promise<SendResult> {
  for (let number = 0; number * chunkBytesMax < file.size; number += 1) {
    const piece = file.slice(number * chunkBytesMax, (number + 1) * chunkBytesMax);
    for (let tries = 1; ; tries += 1) {
      const sent = await sendPiece(jobId, number, piece).catch(
        (): SendResult => ({ ok: false, reason: "no_answer", requestId: "" }),
      );
      if (sent.ok) break;
      if (tries === triesMax || !["no_answer", "unavailable"].includes(sent.reason)) return sent;
      await new Promise((resolve) => setTimeout(resolve, retryMs * tries));
    }
    onSent(Math.min(1, ((number + 1) * chunkBytesMax) / file.size));
  }
  return { ok: true };
}
