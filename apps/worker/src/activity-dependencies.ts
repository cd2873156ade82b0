import type { ActivityDependencies } from '@throughline/activities';
import { createEgress, createPacer, type Egress } from '@throughline/connectors/kit';
import { closeConnectors, findConnector } from '@throughline/connectors/registry';
import { createRenderer, type Renderer } from '@throughline/connectors/templates';
import { createUnsubscribeSigner } from '@throughline/store/consent';
import { currentToken } from '@throughline/store/destinations';
import { newId } from '@throughline/store/shared';
import { createSecretBox, secretOwner } from '@throughline/store/workspaces';
import type { Config } from './config.js';
import type { Log } from './log.js';
import type { Pools } from './pools.js';

export interface OutsideOptions {
  readonly config: Pick<Config, 'privateHosts' | 'publicUrl' | 'secretKeys' | 'signingKey'>;
  readonly pools: Pools;
  readonly log: Log;
}

/** Everything that activities reach the outside with, opened once and closed when no activity runs any more. */
export class Outside {
  readonly dependencies: ActivityDependencies;
  private readonly egress: Egress;
  private readonly renderer: Renderer;

  constructor({ config, pools, log }: OutsideOptions) {
    const { privateHosts, publicUrl, secretKeys, signingKey } = config;
    this.egress = createEgress({ allowPrivateAddresses: privateHosts.includes('*'), privateHosts });
    this.renderer = createRenderer();
    const box = createSecretBox(secretKeys);
    const signer = createUnsubscribeSigner(signingKey);
    this.dependencies = {
      pool: pools.engine,
      findConnector,
      renderer: this.renderer,
      context: {
        egress: this.egress,
        now: Date.now,
        newId: () => newId(),
        log,
        pacer: createPacer(Date.now),
      },
      tokensOf: (owner) => ({
        current: (ask) => currentToken({ pool: pools.engine, box, now: Date.now, ...owner }, ask),
      }),
      openSecret: (sealed, { workspaceId, connectionKey }) =>
        box.open(sealed, secretOwner(workspaceId, connectionKey)),
      unsubscribeUrl: (claim) => `${publicUrl}/u/${signer.sign(claim)}`,
      log,
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.egress.close(), this.renderer.close(), closeConnectors()]);
  }
}
