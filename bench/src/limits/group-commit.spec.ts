import { describe, expect, it } from '@jest/globals';
import { GroupCommit } from './group-commit.js';

/** A flush that ends when told. */
function held() {
  const flushed: (readonly string[])[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const flush = (bodies: readonly string[]): Promise<void> => {
    flushed.push(bodies);
    return new Promise((resolve, reject) => {
      ends.push((error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  };
  return { flushed, flush, end: (error?: Error) => ends.shift()?.(error) };
}

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe('a group commit', () => {
  it('flushes together what came in one turn, and answers after the flush', async () => {
    const { flushed, flush, end } = held();
    const commits = new GroupCommit([flush], 1_000);
    const answered: string[] = [];
    const both = ['a', 'b'].map((body) => commits.add(body).then(() => answered.push(body)));
    await turn();
    expect(flushed).toEqual([['a', 'b']]);
    expect(answered).toEqual([]);
    end();
    await Promise.all(both);
    expect(answered).toEqual(['a', 'b']);
  });

  it('gathers what comes during a flush for the next one', async () => {
    const { flushed, flush, end } = held();
    const commits = new GroupCommit([flush], 1_000);
    const first = commits.add('a');
    await turn();
    const later = [commits.add('b'), commits.add('c')];
    await turn();
    expect(flushed).toEqual([['a']]);
    end();
    await first;
    await turn();
    expect(flushed).toEqual([['a'], ['b', 'c']]);
    end();
    await Promise.all(later);
  });

  it('uses each of its connections at once', async () => {
    const one = held();
    const two = held();
    const commits = new GroupCommit([one.flush, two.flush], 1_000);
    const first = commits.add('a');
    await turn();
    const second = commits.add('b');
    await turn();
    expect([...one.flushed, ...two.flushed].flat().sort()).toEqual(['a', 'b']);
    one.end();
    two.end();
    await Promise.all([first, second]);
  });

  it('keeps a flush below its bytes, but takes one body however long', async () => {
    const { flushed, flush, end } = held();
    const commits = new GroupCommit([flush], 5);
    const all = ['toolong', 'ab', 'cd', 'ef'].map((body) => commits.add(body));
    for (let i = 0; i < 3; i += 1) {
      await turn();
      end();
      await turn();
    }
    await Promise.all(all);
    expect(flushed).toEqual([['toolong'], ['ab', 'cd'], ['ef']]);
  });

  it('fails those of a flush that failed, and goes on', async () => {
    const { flush, end } = held();
    const commits = new GroupCommit([flush], 1_000);
    const first = commits.add('a');
    await turn();
    const second = commits.add('b');
    end(new Error('disk full'));
    await expect(first).rejects.toThrow('disk full');
    await turn();
    end();
    await second;
  });
});
