import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeDatabase, type TestDatabase } from '../../../test/support/database.js';
import { copyIn, copyText } from './copy-in.js';

