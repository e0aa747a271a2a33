/** @type {import("next").NextConfig} */
export default {
  poweredByHeader: false,
  reactStrictMode: true,
  serverExternalPackages: [
    "@node-rs/argon2",
    "postgres",
    "pg",
    "pino",
    "graphile-worker",
    "@vonage/server-sdk",
  ],
  images: { unoptimized: true },
  experimental: { authInterrupts: true },
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: import.meta.dirname },
};
