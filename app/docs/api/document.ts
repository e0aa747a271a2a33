import "server-only";
import { toOpenapi } from "@/api/reference/document";
import type { OpenApi } from "@/components/reference/model";
import { getConfig } from "@/lib/platform/config";

/** The reference that the pages show. */
export function getDocument(): OpenApi {
  return toOpenapi(getConfig().BASE_URL.replace(/\/+$/, "")) as unknown as OpenApi;
}
