import { checkpointStoreContract } from '../../../contracts/checkpoint-store-contract.ts';
import { directoryStore } from '../../../../src/platforms/node/checkpoints/directory-store.ts';
import { temporaryFolder } from '../temporary-folder.ts';

checkpointStoreContract('directoryStore', async () => directoryStore(await temporaryFolder()));
