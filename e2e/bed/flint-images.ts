import { buildForCluster } from '../../images/build.ts';
import { importImage } from './bed-images.ts';
import { programsFolder, type Say } from './build-programs.ts';
import { bedFolders } from './folders.ts';

export interface FlintImagesOptions {
  readonly project: string;
  readonly cache: string;
  /** Names of nodes of the bed, which is up. */
  readonly nodes: readonly string[];
  readonly say: Say;
}

/** Builds Flint's images from these sources and loads them into nodes under the names that the chart has by default. */
export async function loadFlintImages({ project, cache, nodes, say }: FlintImagesOptions): Promise<void> {
  const images = await buildForCluster(project, say);
  const programs = await programsFolder(cache);
  const imports = nodes.map(async (node) => {
    for (const { archive } of images) {
      await importImage({ bed: bedFolders(cache), node, programs }, archive);
    }
  });
  await Promise.all(imports);
}
