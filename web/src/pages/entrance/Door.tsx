import { Anchor, Button, Stack } from "@mantine/core";
import { useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { answer, api } from "../../api/client";
import type { Session } from "../../api/session";
import { ActionButton } from "../../parts/ActionButton";
import { SecretField, TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import { passkeysWork, showPasskey } from "../../parts/passkey";
import { hand, takeEarly } from "./early";
import type { EntranceBody } from "./entrance";

interface DoorProps {
  slug: string;
  entrance?: EntranceBody | undefined;
  username?: string | undefined;
  /** onTry tells that somebody has tried, so that what was said before is over. */
  onTry?: (() => void) | undefined;
  onIn: (session: Session) => void;
}

/** Door asks who it is, in the ways that the organisation offers. */
export function Door({ slug, entrance, username, onTry, onIn }: DoorProps) {
  const methods = entrance?.methods ?? ["password"];
  return (
    <Stack gap="md">
      {methods.includes("federated") && entrance?.federation && <ByProvider federation={entrance.federation} />}
      {methods.includes("password") && <ByPassword slug={slug} username={username} onTry={onTry} onIn={onIn} />}
      {methods.includes("passkey") && passkeysWork && <ByPasskey slug={slug} onTry={onTry} onIn={onIn} />}
    </Stack>
  );
}

function ByPassword({ slug, username, onTry, onIn }: Omit<DoorProps, "entrance">) {
  const { t } = useTranslation("entrance");
  const door = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    hand(takeEarly(), door.current);
  }, []);
  return (
    <div ref={door}>
      <Form
        submit={t("door.signIn")}
        beside={
          <Anchor component={Link} to={`/o/${slug}/forgotten`} underline="always">
            {t("door.forgotten")}
          </Anchor>
        }
        onSubmit={async ({ username: name = "", password = "" }) => {
          onTry?.();
          onIn(await answer(api.POST("/api/v1/session", { body: { organisation: slug, username: name, password } })));
        }}
      >
        <TextField
          name="username"
          label={t("door.username")}
          defaultValue={username}
          autoComplete="username"
          required
        />
        <SecretField name="password" label={t("door.password")} autoComplete="current-password" required />
      </Form>
    </div>
  );
}

function ByPasskey({ slug, onTry, onIn }: Omit<DoorProps, "entrance" | "username">) {
  const { t } = useTranslation("entrance");
  return (
    <ActionButton
      fullWidth
      label={t("door.passkey")}
      onAct={async () => {
        onTry?.();
        const { options } = await answer(api.POST("/api/v1/passkey-sign-in/options", { body: { organisation: slug } }));
        const credential = await showPasskey(options);
        onIn(await answer(api.POST("/api/v1/passkey-sign-in", { body: { organisation: slug, credential } })));
      }}
    />
  );
}

function ByProvider({ federation }: { federation: NonNullable<EntranceBody["federation"]> }) {
  const { t } = useTranslation("entrance");
  return (
    <Button component="a" href={federation.url} variant="default" fullWidth>
      {t("door.federated", { provider: federation.label })}
    </Button>
  );
}
