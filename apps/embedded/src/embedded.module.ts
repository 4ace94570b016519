import { Module, type DynamicModule } from '@nestjs/common';
import { readDoor } from '#http';
import { InFlight } from './http/body.js';
import { CoverageController } from './http/coverage.controller.js';
import { KeysController } from './http/keys.controller.js';
import { LogDoor, logDoor } from './http/log-door.js';
import { LogsController } from './http/logs.controller.js';
import { NotificationsController } from './http/notifications.controller.js';
import { OtlpController } from './http/otlp.controller.js';
import { doorParts, type DoorParts } from './http/parts.js';

/** The one module of the embedded process: it makes nothing itself, it only hands on what `main` built. */
@Module({})
export class EmbeddedModule {
  static with(parts: DoorParts): DynamicModule {
    const door = readDoor(parts);
    return {
      module: EmbeddedModule,
      imports: door.imports,
      controllers: [LogsController, OtlpController, NotificationsController, CoverageController, KeysController, ...door.controllers],
      providers: [
        { provide: doorParts, useValue: parts },
        { provide: logDoor, useFactory: () => new LogDoor(parts, new InFlight(parts.settings.maxInFlightBytes)) },
        ...door.providers,
      ],
    };
  }
}
