import { memoryStore } from '../../../src/training/state/checkpoints/memory-store.ts';
import { checkpointStoreContract } from '../../contracts/checkpoint-store-contract.ts';

checkpointStoreContract('memoryStore', async () => memoryStore());
