import type messages from "@/components/messages/en.json";
import type { documentLocales } from "./locale";

declare module "use-intl/core" {
  interface AppConfig {
    Locale: (typeof documentLocales)[number];
    Messages: typeof messages;
  }
}
