"use client";

import { FaultPage } from "@/components/fault-page";
import "./globals.css";

/** When not even the document could be made. */
export default function GlobalError(props: { error: unknown; retry: () => void }) {
  return (
    <html lang="en">
      <body className="font-sans">
        <FaultPage {...props} />
      </body>
    </html>
  );
}
