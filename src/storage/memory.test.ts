import { backendConformance } from '../../test/support/backend-conformance.ts';
import { memoryBackend } from './memory.ts';

backendConformance('memory', async () => memoryBackend());
