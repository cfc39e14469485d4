import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { Dialog } from "../../parts/Dialog";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import { tell } from "../../parts/tell";
import { keepSchool, type School } from "./queries";

/** AddSchool asks for a new school. */
export function AddSchool() {
  const { t } = useTranslation("schools");
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [key, setKey] = useState("");
  return (
    <>
      <Button
        onClick={() => {
          setKey(crypto.randomUUID());
          setOpen(true);
        }}
      >
        {t("add")}
      </Button>
      {open && (
        <SchoolDialog
          title={t("addTitle")}
          submit={t("add")}
          onClose={() => {
            setOpen(false);
          }}
          onSave={async ({ name, code }) => {
            const params = { header: { "Idempotency-Key": key } };
            const body = { name, ...(code === "" ? {} : { code }) };
            const made = await answer(api.POST("/api/v1/schools", { params, body }));
            keepSchool(client, made.id, made);
            tell(t("added", { name: made.name }));
          }}
        />
      )}
    </>
  );
}

/** EditSchool changes what a school is called. */
export function EditSchool({ school }: { school: School }) {
  const { t } = useTranslation("schools");
  const client = useQueryClient();
  const [base, setBase] = useState<School>();
  const one = { path: { id: school.id } };
  return (
    <>
      <Button
        variant="default"
        aria-label={`${t("edit")}: ${school.name}`}
        onClick={() => {
          setBase(school);
        }}
      >
        {t("edit")}
      </Button>
      {base && (
        <SchoolDialog
          title={t("editTitle", { name: school.name })}
          submit={t("save")}
          school={base}
          onClose={() => {
            setBase(undefined);
          }}
          current={async () => {
            const now = await answer(api.GET("/api/v1/schools/{id}", { params: one }));
            setBase(now);
            return { name: now.name, code: now.code ?? "" };
          }}
          onSave={async (body) => {
            const params = { ...one, header: { "If-Match": `"${base.version}"` } };
            const after = await answer(api.PUT("/api/v1/schools/{id}", { params, body }));
            keepSchool(client, school.id, after);
            tell(t("saved", { name: after.name }));
          }}
        />
      )}
    </>
  );
}

interface SchoolDialogProps {
  title: string;
  submit: string;
  school?: School;
  current?: () => Promise<Record<string, string>>;
  onSave: (values: { name: string; code: string }) => Promise<void>;
  onClose: () => void;
}

function SchoolDialog({ title, submit, school, current, onSave, onClose }: SchoolDialogProps) {
  const { t } = useTranslation("schools");
  const { t: common } = useTranslation();
  return (
    <Dialog title={title} onClose={onClose}>
      <Form
        submit={submit}
        {...(current ? { current } : {})}
        onSubmit={async ({ name = "", code = "" }) => {
          await onSave({ name, code });
          onClose();
        }}
        beside={
          <Button variant="default" onClick={onClose}>
            {common("cancel")}
          </Button>
        }
      >
        <TextField name="name" label={t("field.name")} defaultValue={school?.name ?? ""} required />
        <TextField
          name="code"
          label={t("field.code")}
          description={t("field.codeText")}
          defaultValue={school?.code ?? ""}
          maxLength={30}
        />
      </Form>
    </Dialog>
  );
}
