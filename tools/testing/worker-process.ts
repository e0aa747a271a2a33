import { startWorker } from "@/api/worker";

/** A worker in a process of its own, to be killed. Says when it has begun to work. */
await startWorker();
process.send?.({ ready: true });
