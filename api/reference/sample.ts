/** What stands in examples for what is made anew each time; a test puts the real one in its place. */
export const sample = {
  userId: "8d0f6c52-1b7e-4a39-9c54-2f3e7a6b1d08",
  codeId: "5a1c9e37-6f24-4d8b-b0e2-93c7d1f4a865",
  attemptId: "c47e2b90-3d15-4f6a-8e71-0b9a5d6c2e13",
  messageId: "f19b7d64-82ac-4e05-9d3f-6c5e1a7b0842",
  code: "02R8-6JQC-V4MN-9T5K",
  scimUserId: "71e5f0a8-4c9d-4b26-a3f7-d8b2c6e91054",
  scimGroupId: "e60d3b1f-97a5-48c2-bf14-5a7c8d2e9630",
  assertion: "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiI4ZDBmNmM1MiJ9.c2lnbmF0dXJl",
  accessToken: "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiI4ZDBmNmM1MiJ9.c2lnbmF0dXJl",
  enrolmentToken: "Qm9yZWFsLWZvcmVzdC1oaQ.q3dXk0c1yZ7nB5rT9vL2mH8sJ4fA6gW0eU1iO3pQxYz",
} as const;
