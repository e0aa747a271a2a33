import type messages from "@/components/messages/en.json";
import type { ConsoleLocale } from "./locale";

declare module "use-intl" {
  interface AppConfig {
    Locale: ConsoleLocale;
    Messages: typeof messages;
  }
}
