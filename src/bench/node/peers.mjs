// What others would send mail with, each with nodemailer on at most ten connections: node peers.mjs NAME. For each number that it reads from
// standard input, it enqueues so many mails, to new people, while it sends them; kafkajs reads them from the topic bench-kafkajs instead.
// Writes "ready" once it works. DATABASE_URL, BROKERS and SMTP_PORT say where.
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { makeWorkerUtils, run, Logger } from "graphile-worker";
import { Kafka, logLevel } from "kafkajs";
import { createTransport } from "nodemailer";
import { PgBoss } from "pg-boss";

const CONNECTIONS = 10;
const PAGE = 500;
const database = process.env.DATABASE_URL;

const transport = createTransport({
  host: "localhost",
  port: Number(process.env.SMTP_PORT),
  pool: true,
  maxConnections: CONNECTIONS,
  maxMessages: Infinity,
  ignoreTLS: true,
});

/** As long as a welcome mail of the service, a part each. */
const welcome = (to) =>
  transport.sendMail({
    from: "hello@demo.example",
    to,
    subject: "Welcome",
    text: "Thank you for joining. ".repeat(30),
    html: "<p>Thank you for joining.</p>\n".repeat(200),
  });

/** Each in a process of its own; returns how to enqueue addresses, if it has a queue. */
const peers = {
  "graphile-worker": () => graphileWorker({}),
  "graphile-worker-batched": () => graphileWorker({ localQueue: { size: PAGE }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }),

  // Batches of ten jobs, two at a time: with one job each, it would wait for its next poll after each.
  "pg-boss": async () => {
    const boss = new PgBoss(database);
    boss.on("error", console.error);
    await boss.start();
    await boss.createQueue("mail");
    const settings = { batchSize: CONNECTIONS, localConcurrency: 2, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 };
    await boss.work("mail", settings, (jobs) => Promise.all(jobs.map((job) => welcome(job.data.email))));
    return (emails) => boss.insert("mail", emails.map((email) => ({ data: { email } })));
  },

  // Up to ten batches, ten mails of each at a time, and the offsets of a batch once all of it is sent.
  kafkajs: async () => {
    const kafka = new Kafka({ brokers: process.env.BROKERS.split(","), logLevel: logLevel.ERROR });
    const consumer = kafka.consumer({ groupId: "bench-kafkajs" });
    await consumer.connect();
    await consumer.subscribe({ topic: "bench-kafkajs", fromBeginning: true });
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    await consumer.run({
      partitionsConsumedConcurrently: CONNECTIONS,
      eachBatch: async ({ batch, heartbeat }) => {
        const left = batch.messages.values();
        const sender = async () => {
          for (const message of left) {
            await welcome(JSON.parse(message.value).data.email);
            await heartbeat();
          }
        };
        await Promise.all(Array.from({ length: CONNECTIONS }, sender));
      },
    });
    await joined;
    return null;
  },
};

async function graphileWorker(settings) {
  const quiet = new Logger(() => () => {});
  const preset = { worker: { connectionString: database, concurrentJobs: CONNECTIONS, ...settings } };
  await run({ preset, logger: quiet, taskList: { welcome: ({ email }) => welcome(email) } });
  const queue = await makeWorkerUtils({ preset, logger: quiet });
  return (emails) => queue.addJobs(emails.map((email) => ({ identifier: "welcome", payload: { email } })));
}

const enqueue = await peers[process.argv[2]]();
console.log("ready");
for await (const line of createInterface(process.stdin)) {
  for (let left = Number(line); left > 0; left -= PAGE) {
    await enqueue(Array.from({ length: Math.min(left, PAGE) }, () => `${randomUUID()}@bench.example`));
  }
}
process.exit(); // standard input has ended, and so has the benchmark
