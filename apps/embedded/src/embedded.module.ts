import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { Health } from './health/health.js';
import { InFlight } from './http/body.js';
import { KeysController } from './http/keys.controller.js';
import { LogDoor, logDoor } from './http/log-door.js';
import { LogsController } from './http/logs.controller.js';
import { OtlpController } from './http/otlp.controller.js';
import { healthChecks, httpParts, type HttpParts } from './http/parts.js';
import { CoverageController } from './http/coverage.controller.js';
import { ReadController } from './http/read.controller.js';
import { ServiceController } from './http/service.controller.js';
import { SweepController } from './http/sweep.controller.js';
import { scheduled } from './schedules.js';

/** The one module of the embedded process: it makes nothing itself, it only hands on what `main` built. */
@Module({})
export class EmbeddedModule {
  static with(parts: HttpParts): DynamicModule {
    return {
      module: EmbeddedModule,
      imports: [ScheduleModule.forRoot()],
      controllers: [LogsController, OtlpController, ReadController, CoverageController, SweepController, KeysController, ServiceController],
      providers: [
        { provide: httpParts, useValue: parts },
        { provide: logDoor, useFactory: () => new LogDoor(parts, new InFlight(parts.settings.maxInFlightBytes)) },
        { provide: healthChecks, useFactory: () => new Health(parts.checks, parts.clock) },
        ...scheduled(parts.schedules ?? [], parts.logger),
      ],
    };
  }
}
