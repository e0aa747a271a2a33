import localFont from "next/font/local";

/** Inter, Latin part: preloaded wherever this is imported. Other scripts come from the stylesheet when a page needs them. */
export const inter = localFont({
  src: "../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
  variable: "--font-inter",
  weight: "100 900",
  display: "swap",
});
