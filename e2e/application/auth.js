import NextAuth from "next-auth";

/** An application as its maker would write it by Auth.js's documentation: it knows us by our issuer alone. */
export const { handlers, auth, signIn, signOut } = NextAuth({
  providers: [
    {
      id: "sparekey",
      name: "Emergency access",
      type: "oidc",
      issuer: process.env.SPAREKEY_ISSUER,
      clientId: process.env.SPAREKEY_CLIENT_ID,
      clientSecret: process.env.SPAREKEY_CLIENT_SECRET,
      checks: ["pkce", "state", "nonce"],
      authorization: { params: { scope: "openid profile email" } },
    },
  ],
  callbacks: {
    jwt: ({ token, account, profile }) =>
      account ? { ...token, amr: profile.amr, accessToken: account.access_token } : token,
    session: async ({ session, token }) => {
      const answer = await fetch(`${process.env.SPAREKEY_ISSUER}/me`, {
        headers: { authorization: `Bearer ${token.accessToken}` },
      });
      return { ...session, amr: token.amr, isLive: answer.ok };
    },
  },
});
