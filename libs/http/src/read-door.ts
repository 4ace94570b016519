import type { DynamicModule, Provider, Type } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { Health } from './health/health.js';
import { healthChecks, httpParts, type HttpParts } from './parts.js';
import { ReadController } from './read.controller.js';
import { scheduled } from './schedules.js';
import { ServiceController } from './service.controller.js';
import { SweepController } from './sweep/sweep.controller.js';

/** Parts of a module, for the one that an app has. */
export interface Door {
  readonly imports: DynamicModule[];
  readonly controllers: Type[];
  readonly providers: Provider[];
}

/** What every process that answers has in common: events, signals and dead letters, health, metrics, and the work done now and then. */
export function readDoor(parts: HttpParts): Door {
  return {
    imports: [ScheduleModule.forRoot()],
    controllers: [ReadController, SweepController, ServiceController],
    providers: [
      { provide: httpParts, useValue: parts },
      { provide: healthChecks, useFactory: () => new Health(parts.checks, parts.clock) },
      ...scheduled(parts.schedules ?? [], parts.logger),
    ],
  };
}
