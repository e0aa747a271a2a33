import "server-only";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type LogFunctionFactory, Logger, type Runner, run, type TaskList } from "graphile-worker";
import { z } from "zod";
import { answerAsk } from "@/lib/authn/answer-ask";
import { sweepAsks } from "@/lib/authn/enqueue-ask";
import { sweepAttempts } from "@/lib/authn/sweep";
import { sweepClients } from "@/lib/clients/sweep";
import { noticeKinds } from "@/lib/delivery/message";
import type { TelephonyProvider } from "@/lib/delivery/provider";
import { sweepDeliveries } from "@/lib/delivery/sweep";
import { createVonageProvider } from "@/lib/delivery/vonage-adapter";
import { expireGrants } from "@/lib/grants/expire";
import { tellUser } from "@/lib/grants/notify";
import { csvImports } from "@/lib/imports/csv";
import { type ImportKinds, runImport } from "@/lib/imports/run";
import { sweepImports } from "@/lib/imports/sweep";
import { sweepSyncs } from "@/lib/ldap/ask-sync";
import { ldapImports } from "@/lib/ldap/sync";
import { keepSlots } from "@/lib/machines/keep-slots";
import { sweepMachines } from "@/lib/machines/sweep";
import { sweepReceipts } from "@/lib/offline/sweep";
import { sweepOpenid } from "@/lib/openid/sweep";
import { deliver } from "@/lib/otp/deliver";
import { sweepChallenges } from "@/lib/otp/sweep";
import { createPoster } from "@/lib/outgoing/post-adapter";
import { sendMessages } from "@/lib/outgoing/send";
import { sweepOutgoing } from "@/lib/outgoing/sweep";
import { getConfig } from "@/lib/platform/config";
import { type Context, systemContext } from "@/lib/platform/context";
import { getLog } from "@/lib/platform/log";
import { noteWorkerTurn } from "@/lib/platform/worker-turn";
import { methods } from "@/lib/policy/model";
import { sweepRobots } from "@/lib/robots/sweep";
import { sweepStaff } from "@/lib/staff/sweep";

/** Each waits for the provider and holds no connection meanwhile: 500 ms an answer still leaves 256 a second. */
const JOBS_AT_ONCE = 128;

/** Asking for jobs and marking them as done is short work: few connections serve all of them. */
const CONNECTIONS_MAX = 8;

const RESTART_MS = 1_000;

const payloadSchema = z.object({ deliveryId: z.uuid(), requestId: z.string().min(1) });
const noticeSchema = z.object({
  userId: z.uuid(),
  kind: z.enum(noticeKinds),
  method: z.enum(methods),
  requestId: z.string().min(1),
});
const slotsSchema = z.object({ requestId: z.string().min(1).optional(), machineId: z.uuid().optional() });
const importSchema = z.object({ jobId: z.uuid(), requestId: z.string().min(1) });
const webhooksSchema = z.object({ endpointId: z.uuid() });
const askSchema = z.object({ askId: z.uuid(), requestId: z.string().min(1) });

/** The queue's library tells of every job at its level `info`. */
const levels: Readonly<Record<string, "error" | "info" | "debug" | "trace">> = {
  error: "error",
  warning: "info",
  info: "debug",
  debug: "trace",
};

/** Of a line about an error, what stands before the error's own words, which may quote what they were given. */
const tell: ReturnType<LogFunctionFactory> = (level, message, meta) => {
  const error: unknown = meta?.error;
  const log = getLog();
  // Its warning of a pool smaller than its jobs, which is meant so: no other line has a `concurrency`.
  const as = meta?.concurrency === undefined ? (levels[level] ?? "debug") : "debug";
  if (error === undefined) log[as]({ part: "worker" }, message);
  else log[as]({ part: "worker", err: error }, message.split(/ with error|[:;]/, 1)[0]);
};

function makeProvider(): TelephonyProvider {
  const config = getConfig();
  return createVonageProvider({
    applicationId: config.VONAGE_APPLICATION_ID,
    privateKey: config.VONAGE_PRIVATE_KEY,
    from: config.VONAGE_FROM,
    apiBase: config.VONAGE_API_BASE,
    timeoutMilliseconds: config.VONAGE_TIMEOUT_MS,
    reportsBase: config.BASE_URL,
  });
}

/** How people of each kind of source are brought in. */
const importKinds: ImportKinds = { csv: csvImports, ldap: ldapImports };

/** What is done once a minute; what fails doesn't keep the rest from being done. */
const chores: readonly ((ctx: Context) => Promise<unknown>)[] = [
  sweepDeliveries,
  sweepAsks,
  expireGrants,
  sweepAttempts,
  sweepChallenges,
  sweepRobots,
  sweepStaff,
  sweepMachines,
  sweepReceipts,
  sweepClients,
  sweepImports,
  sweepOpenid,
  sweepOutgoing,
  sweepSyncs,
];

async function sweep(): Promise<void> {
  const ctx = systemContext("sweep", randomUUID());
  const results = [];
  for (const chore of chores) results.push(...(await Promise.allSettled([chore(ctx)])));
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  if (errors.length > 0) throw new AggregateError(errors, "not all could be swept");
}

function listTasks(): TaskList {
  const provider = makeProvider();
  const post = createPoster({ allowed: getConfig().SPAREKEY_WEBHOOK_NETWORKS });
  return {
    deliver: async (payload) => {
      const { deliveryId, requestId } = payloadSchema.parse(payload);
      await deliver(systemContext("worker", requestId), { deliveryId }, provider);
    },
    "answer-ask": async (payload) => {
      const { askId, requestId } = askSchema.parse(payload);
      await answerAsk(systemContext("worker", requestId), { askId });
    },
    notify: async (payload) => {
      const { requestId, ...notice } = noticeSchema.parse(payload);
      await tellUser(systemContext("worker", requestId), notice);
    },
    "make-slots": async (payload) => {
      const { requestId, machineId } = slotsSchema.parse(payload);
      await keepSlots(systemContext("worker", requestId ?? randomUUID()), { machineId });
    },
    import: async (payload) => {
      const { jobId, requestId } = importSchema.parse(payload);
      await runImport(systemContext("import", requestId), { jobId }, importKinds);
    },
    "send-webhooks": async (payload) => {
      const { endpointId } = webhooksSchema.parse(payload);
      await sendMessages(systemContext("worker", randomUUID()), { endpointId }, post);
    },
    sweep,
  };
}

async function startRunner(taskList: TaskList): Promise<Runner> {
  const runner = await run({
    taskList,
    crontab: "* * * * * sweep ?jobKey=sweep&max=1\n*/10 * * * * make-slots ?jobKey=make-slots&max=3",
    noHandleSignals: true,
    preset: {
      worker: {
        connectionString: getConfig().DATABASE_URL,
        concurrentJobs: JOBS_AT_ONCE,
        maxPoolSize: CONNECTIONS_MAX,
        localQueue: { size: JOBS_AT_ONCE },
        // Unbatched, a job that can't be marked as done is an unhandled rejection, the end of the process.
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
        logger: new Logger(() => tell),
      },
    },
  });
  noteWorkerTurn();
  for (const turn of ["localQueue:getJobs:complete", "job:complete"] as const)
    runner.events.on(turn, noteWorkerTurn);
  return runner;
}

/** Starts the runner again, for as long as nobody stops it, whenever it ends by itself. */
async function keepRunning(tasks: TaskList, first: Runner, stopping: AbortSignal): Promise<void> {
  for (let runner: Runner | undefined = first; ; ) {
    if (runner !== undefined) {
      const current = runner;
      const stop = () => current.stop().catch(() => undefined);
      if (stopping.aborted) return stop();
      const stopped = new Promise<void>((resolve) => {
        stopping.addEventListener("abort", () => resolve(stop()), { once: true });
      });
      const ended = runner.promise.catch((error: unknown) => getLog().error({ err: error }, "worker ended"));
      await Promise.race([stopped, ended]);
      if (stopping.aborted) return stopped;
    }
    await sleep(RESTART_MS, undefined, { signal: stopping }).catch(() => undefined);
    if (stopping.aborted) return;
    runner = await startRunner(tasks).catch((error: unknown) => {
      getLog().error({ err: error }, "worker can't start");
      return undefined;
    });
  }
}

/**
 * Starts the worker in this process: it answers who asked for a text or a call, hands deliveries to the provider, and sweeps once a minute and at once. A runner that
 * ends by itself, as after a long loss of the database, is started again.
 * @returns `stop` begins no new job, and ends when those that were begun have.
 * @throws where the database can't be reached.
 */
export async function startWorker(): Promise<{ stop(): Promise<void> }> {
  const tasks = listTasks();
  const stopping = new AbortController();
  const running = keepRunning(tasks, await startRunner(tasks), stopping.signal);
  void sweep().catch((error: unknown) => getLog().error({ err: error }, "sweep failed"));
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
