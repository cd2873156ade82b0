import type { BuildOptions } from 'esbuild';

export declare const BUILD: BuildOptions;
