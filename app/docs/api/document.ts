import "server-only";
import { toOpenapi } from "@/api/reference/document";
import type { OpenApi } from "@/components/reference/model";
import { getConfig } from "@/lib/platform/config";

let made: OpenApi | undefined;

/** The reference that the pages show. */
export function getDocument(): OpenApi {
  made ??= toOpenapi(getConfig().BASE_URL) as unknown as OpenApi;
  return made;
}
