import localFont from "next/font/local";

/** JetBrains Mono, Latin part, for codes, numbers and ids: preloaded wherever this is imported. */
export const jetbrains = localFont({
  src: "../node_modules/@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
  variable: "--font-jetbrains",
  weight: "100 800",
  display: "swap",
});
