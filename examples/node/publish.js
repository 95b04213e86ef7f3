// Publishes that somebody signed up, and ends: node publish.js <user id> <campaign id> <email>
'use strict';

const { randomUUID } = require('node:crypto');
const { Kafka, logLevel } = require('kafkajs');

const topic = process.env.KAFKA_TOPIC || 'domain-events';
const brokers = (process.env.KAFKA_BROKERS || 'localhost:9092').split(',');

/** The envelope, as docs/events/schemas/user.signed_up.json says. A repeated event has the same id: make it once, and keep it. */
function signedUp(userId, campaignId, email) {
  return {
    id: randomUUID(),
    type: 'user.signed_up',
    account_id: campaignId,
    campaign_id: campaignId,
    data: { user_id: userId, campaign_id: campaignId, email },
    timestamp: new Date().toISOString(),
  };
}

async function main([userId, campaignId, email]) {
  if (!email) {
    throw new Error('write: node publish.js <user id> <campaign id> <email>');
  }
  const kafka = new Kafka({ clientId: 'publish-domain-events', brokers, logLevel: logLevel.ERROR });
  // Idempotent: a retry of the client writes no record twice, and the order stays. It needs acks -1 (all) below.
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
  await producer.connect();
  try {
    const event = signedUp(userId, campaignId, email);
    // Keyed by campaign: its events share a partition, the one that Java's client chooses, and are read in order.
    const [written] = await producer.send({
      topic,
      acks: -1,
      messages: [{ key: event.campaign_id, value: JSON.stringify(event) }],
    });
    console.log(`Published ${event.id} to ${topic}-${written.partition}@${written.baseOffset}`);
  } finally {
    await producer.disconnect();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`Not published: ${error.message}`);
  process.exitCode = 1;
});
