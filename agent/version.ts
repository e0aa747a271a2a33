/** What the server is told of this program: the version of the product that it was built from. */
export const agentVersion = "0.1.0";
