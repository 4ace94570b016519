import { Module, type DynamicModule } from '@nestjs/common';
import { readDoor, type HttpParts } from '#http';
import { CoverageController, coverageParts, type CoverageParts } from './coverage.controller.js';
import { ElsewhereController } from './elsewhere.controller.js';

/** The one module of the process that answers from Elasticsearch. */
@Module({})
export class QueryModule {
  static with(parts: HttpParts & { readonly coverage: CoverageParts['parts'] }): DynamicModule {
    const { imports, controllers, providers } = readDoor(parts);
    const said = { provide: coverageParts, useValue: { parts: parts.coverage, clock: parts.clock } satisfies CoverageParts };
    return {
      module: QueryModule,
      imports,
      controllers: [...controllers, CoverageController, ElsewhereController],
      providers: [...providers, said],
    };
  }
}
