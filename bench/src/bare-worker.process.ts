/** A Temporal worker with nothing of the product in it; its activity posts to the same sink as the product's webhooks. */
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { serveParent } from './lab/child.js';
import type { BareActivities } from './limits/bare-workflows.js';

/** As the product's worker has it. */
const CACHED_WORKFLOWS = 500;
const WORKFLOW_TASKS = 40;
const ACTIVITIES = 50;

await serveParent(async () => {
  const [, , address = '', namespace = '', taskQueue = '', sinkPort = ''] = process.argv;
  Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('./limits/bare-workflows.js', import.meta.url)),
    activities: activitiesFor(Number(sinkPort)),
    maxCachedWorkflows: CACHED_WORKFLOWS,
    maxConcurrentWorkflowTaskExecutions: WORKFLOW_TASKS,
    maxConcurrentActivityTaskExecutions: ACTIVITIES,
    workflowTaskPollerBehavior: { type: 'autoscaling' },
    activityTaskPollerBehavior: { type: 'autoscaling' },
  });
  const running = worker.run();
  return {
    end: async () => {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
});

function activitiesFor(port: number): BareActivities {
  const agent = new Agent({ keepAlive: true });
  return {
    act: (id) =>
      new Promise((resolve, reject) => {
        const body = JSON.stringify({ data: { id } });
        const sending = request(
          {
            host: '127.0.0.1',
            port,
            path: '/hook',
            method: 'POST',
            agent,
            headers: {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
            },
          },
          (response) => {
            response.resume();
            response.once('end', resolve);
          },
        );
        sending.once('error', reject);
        sending.end(body);
      }),
  };
}
